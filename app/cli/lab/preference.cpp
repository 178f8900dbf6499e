// `luthier-cli lab preference`: log-probabilities, rewards and every preference loss of given pairs, to be held against
// TRL.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/arguments.h"
#include "cli/lab/inputs.h"
#include "cli/lab/lab.h"
#include "nn/chunked_loss.h"
#include "nn/preference_loss.h"

namespace luthier {

namespace {

/// What the model says to the labelled tokens of each row; position t predicts token t + 1.
nn::AnswerScores scores_of(Model& model, const LabInputs& inputs, const std::string& where) {
  if (!inputs.labels.defined() || !model.output_weight().defined() || !model.is_causal())
    fail(ErrorKind::bad_input, "preferences need labels and a causal language model", where,
         "name the tensors chosen.input_ids, chosen.labels, rejected.input_ids and rejected.labels");
  const std::int64_t rows = inputs.labels.size(0), width = inputs.labels.size(1);
  const Tensor hidden = model.hidden(inputs.batch).narrow(1, 0, width - 1).flatten(0, 1);  // [B * (T - 1), C]
  const Tensor labels = inputs.labels.narrow(1, 1, width - 1).flatten();                   // [B * (T - 1)]
  const Tensor carrying = labels.ne(-100);
  const Tensor places = carrying.nonzero().squeeze(1);  // [N]
  const Tensor said =
      nn::linear_log_probabilities(model.output_rows(hidden.index_select(0, places)),
                                   {model.output_weight(), model.output_bias()}, labels.index_select(0, places));
  const Tensor all = at::zeros({rows * (width - 1)}, said.options()).index_copy(0, places, said);
  return {all.view({rows, width - 1}).sum(1), carrying.view({rows, width - 1}).sum(1).to(at::kFloat)};
}

Json list_of(const Tensor& values) {
  Json list = Json::array();
  const Tensor plain = values.to(at::kDouble).contiguous();
  for (std::int64_t i = 0; i < plain.numel(); ++i) list.push_back(plain.const_data_ptr<double>()[i]);
  return list;
}

Json losses(const nn::AnswerScores& chosen, const nn::AnswerScores& rejected, const nn::AnswerScores& chosen_before,
            const nn::AnswerScores& rejected_before, double beta) {
  const Tensor gain = chosen.sums - chosen_before.sums, other = rejected.sums - rejected_before.sums;
  const Tensor margin = gain - other;
  const Tensor mean_margin = (chosen.means() - chosen_before.means()) - (rejected.means() - rejected_before.means());
  const Tensor none = at::zeros({}, gain.options());
  return {{"beta", beta},
          {"sigmoid", list_of(nn::dpo_loss(margin, beta))},
          {"sigmoid_label_smoothing_0_1", list_of(nn::dpo_loss(margin, beta, 0.1))},
          {"hinge", list_of(nn::hinge_loss(margin, beta))},
          {"ipo_sum", list_of(nn::ipo_loss(margin, beta))},
          {"ipo_length_normalised", list_of(nn::ipo_loss(mean_margin, beta))},
          {"simpo_beta_2_gamma_1", list_of(nn::simpo_loss(chosen, rejected, 2, 0.5))},
          {"orpo_log_odds_term", list_of(nn::orpo_loss(chosen, rejected))},
          {"kto_chosen_kl_0", list_of(nn::kto_loss(gain, at::ones_like(gain), none, beta))},
          {"kto_rejected_kl_0", list_of(nn::kto_loss(other, at::zeros_like(other), none, beta))},
          {"rewards_chosen", list_of(gain * beta)},
          {"rewards_rejected", list_of(other * beta)}};
}

}  // namespace

int lab_preference(const std::vector<std::string>& words) {
  const Arguments arguments(words,
                            "luthier-cli lab preference --policy DIR --reference DIR --inputs F.safetensors "
                            "--out F.json [--beta B]",
                            {"--policy", "--reference", "--inputs", "--out", "--beta"}, {});
  arguments.at_most(0);
  const std::string file = arguments.required("--inputs"), out = arguments.required("--out");
  const double beta = arguments.number("--beta", 0.1);
  if (!(beta > 0)) fail(ErrorKind::bad_input, "--beta must be above 0");
  const at::NoGradGuard no_grad;
  const NamedTensors tensors = read_tensors(file);
  std::vector<nn::AnswerScores> scores;  // policy chosen, rejected, reference chosen, rejected
  for (const char* option : {"--policy", "--reference"}) {
    const auto model = open_lab_model(arguments.required(option));
    model->eval();
    for (const char* answer : {"chosen.", "rejected."})
      scores.push_back(scores_of(*model, lab_inputs(tensors, answer, *model, file), file));
  }
  if (scores[0].sums.sizes() != scores[1].sums.sizes())
    fail(ErrorKind::bad_input, "there are not as many rejected rows as chosen ones", file);
  Json told = losses(scores[0], scores[1], scores[2], scores[3], beta);
  const char* names[] = {"policy.chosen.logp", "policy.rejected.logp", "reference.chosen.logp",
                         "reference.rejected.logp"};
  for (std::size_t i = 0; i < scores.size(); ++i) told[names[i]] = list_of(scores[i].sums);
  told["chosen.tokens"] = list_of(scores[0].tokens);
  told["rejected.tokens"] = list_of(scores[1].tokens);
  write_json(out, told);
  if (arguments.json()) std::cout << told.dump() << std::endl;
  return 0;
}

}  // namespace luthier
