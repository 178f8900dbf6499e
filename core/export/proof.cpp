#include "export/proof.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/version.h"
#include "export/artefact.h"
#include "export/formats.h"
#include "export/layer_prints.h"
#include "export/other_process.h"
#include "export/row_logits.h"
#include "models/generation.h"
#include "models/sequences.h"
#include "models/tensors.h"
#include "proof/scoring.h"
#include "proof/verification.h"

namespace luthier {

namespace {
constexpr std::int64_t kReferenceBytes = 32 << 20;  ///< a large vocabulary: fewer positions of each row are compared

std::int64_t positions_a_row(Model& model, std::int64_t rows) {
  if (classifies_rows(model.head_kind()) || model.head_kind() == Head::token_classification) return INT64_MAX;
  const std::int64_t bytes = rows * model.vocabulary() * static_cast<std::int64_t>(sizeof(float));
  return std::max<std::int64_t>(1, kReferenceBytes / std::max<std::int64_t>(1, bytes));
}

constexpr std::size_t kAnswers = 16;  ///< rows whose answers are written out at most
constexpr std::int64_t kAnswerTokens = 32;
constexpr double kAnswerSeconds = 3;  ///< a slow model writes fewer answers, and the last one ends early

/// Which positions of a row are compared where not all of them can be: those that are judged.
std::optional<std::vector<std::int64_t>> chosen_positions(const std::string& kind, const ProofRow& row,
                                                          std::int64_t most) {
  if (static_cast<std::int64_t>(row.tokens.size()) <= most) return std::nullopt;
  const std::vector<std::int64_t> judged = judged_positions(kind, row.truth);
  std::vector<std::int64_t> chosen;
  for (const std::int64_t place : spread_positions(static_cast<std::int64_t>(judged.size()), most))
    chosen.push_back(judged[static_cast<std::size_t>(place)]);
  return chosen.empty() ? std::nullopt : std::optional(chosen);
}

/// As long as texts may be.
ProofRow cut_row(const ProofRow& row, const Model& model, std::int64_t max_tokens) {
  ProofRow cut = row;
  if (model.is_encoder_decoder() || max_tokens <= 0) return cut;
  const auto most = static_cast<std::size_t>(max_tokens);
  if (cut.tokens.size() <= most) return cut;
  cut.tokens.resize(most);
  if (cut.truth.size() > most) cut.truth.resize(most);
  return cut;
}

/// What an answer to the row begins with.
std::vector<std::int64_t> prompt_of(const Model& model, const ProofRow& row, const std::vector<std::int64_t>& ids,
                                    std::int64_t room) {
  if (model.is_encoder_decoder()) {
    std::vector<std::int64_t> prompt = {
        shifted_right(at::zeros({1, 1}, at::kLong), model.config()).item<std::int64_t>()};
    for (std::size_t i = 0; i < row.truth.size() && row.truth[i] < 0; ++i) prompt.push_back(row.tokens[i]);
    return prompt;
  }
  std::vector<std::int64_t> prompt = row.tokens.empty() ? ids : row.tokens;
  const auto judged = std::find_if(row.truth.begin(), row.truth.end(), [](double truth) { return truth >= 0; });
  auto count = static_cast<std::size_t>(judged - row.truth.begin());
  // A text without a question is gone on with from its middle.
  if (count <= 1 || judged == row.truth.end()) count = (prompt.size() + 1) / 2;
  prompt.resize(std::min(count, static_cast<std::size_t>(std::max<std::int64_t>(1, room))));
  return prompt;
}

/// What the live model answers to some of the rows.
class Answers {
 public:
  Answers(Model& live, const RowReading& reading, const ExportInputs& inputs)
      : live_(live), reading_(reading), most_(kAnswerTokens) {
    const Head head = live.head_kind();
    writes_ = head == Head::causal_lm || head == Head::seq2seq_lm;
    if (!writes_) return;
    ends_ = generate_defaults(live, inputs.base_model).stop_ids;
    if (ends_.empty() && inputs.tokenizer->eos_id()) ends_.push_back(*inputs.tokenizer->eos_id());
    if (inputs.max_tokens > 0) most_ = std::max<std::int64_t>(1, std::min(most_, inputs.max_tokens / 2));
  }

  const std::vector<std::int64_t>& ends() const { return ends_; }
  std::int64_t longest() const { return longest_; }

  /// Adds "answer" to what is written of the row, while there are few and time is left.
  void add(const ProofRow& row, const std::vector<std::int64_t>& ids, Json& written) {
    if (!writes_ || count_ == kAnswers || seconds_ > kAnswerSeconds) return;
    const auto start = std::chrono::steady_clock::now();
    const auto passed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
    const std::int64_t room = reading_.max_tokens > 0 ? reading_.max_tokens - most_ : INT64_MAX;
    const AnswerTask task{prompt_of(live_, row, ids, room), most_, ends_,
                          [&] { return seconds_ + passed() < kAnswerSeconds; }};
    const std::vector<std::int64_t> answer = written_answer(live_, reading_, row, task);
    seconds_ += passed();
    if (answer.empty()) return;
    longest_ = std::max(longest_, static_cast<std::int64_t>(task.prompt.size() + answer.size()));
    written["answer"] = {{"prompt", task.prompt}, {"ids", answer}};
    ++count_;
  }

 private:
  Model& live_;
  const RowReading& reading_;
  bool writes_ = false;
  std::int64_t most_, longest_ = 0;
  std::vector<std::int64_t> ends_;
  std::size_t count_ = 0;
  double seconds_ = 0;
};

constexpr std::uint64_t kMediaBytes = 16u << 20;  ///< images and recordings are copied until there are so many
constexpr double kLongestSeconds = 30;

std::string write_failure(const fs::path& folder, const std::string& reason) {
  const Json proof = {{"passed", false}, {"problem", reason}, {"made", utc_now()}, {"luthier", kVersion}};
  write_json(folder / "proof.json", proof);
  return proof.dump();
}

}  // namespace

double longest_seconds_of(const std::string& recipe_json) {
  if (recipe_json.empty()) return kLongestSeconds;
  const Json recipe = parse_json(recipe_json, "recipe");
  const auto data = recipe.find("data");
  return data != recipe.end() && data->is_object() ? data->value("longest_seconds", kLongestSeconds) : kLongestSeconds;
}

void write_reference(Model& live, const ExportInputs& inputs, const ExportOptions& options, const Json& merging,
                     const fs::path& folder) {
  const fs::path place = folder / "proof";
  fs::create_directories(place);
  const auto rows = std::min<std::int64_t>(kProofRows, static_cast<std::int64_t>(inputs.proof_rows.size()));
  const std::int64_t most = positions_a_row(live, rows);
  const double longest = longest_seconds_of(inputs.recipe_json);
  const RowReading reading{inputs.tokenizer, inputs.processors, inputs.max_tokens, longest};
  const std::string kind = truth_kind(live);
  const std::int64_t blank = kind == "spelling" ? ctc_blank(live.config()) : 0;
  const std::unique_ptr<Scores> scores = make_scores(kind, blank);
  Answers answers(live, reading, inputs);
  std::int64_t longest_row = 0;
  Json texts = Json::array(), layers;
  std::vector<Tensor> logits;
  std::uint64_t media_bytes = 0;
  for (std::int64_t i = 0; i < rows && media_bytes < kMediaBytes; ++i) {
    const ProofRow row = cut_row(inputs.proof_rows[static_cast<std::size_t>(i)], live, inputs.max_tokens);
    if (inputs.progress)
      inputs.progress("computing what the copy must give", static_cast<double>(i) / static_cast<double>(rows));
    RowLogits computed;
    try {
      computed = row_logits(live, reading, row, chosen_positions(kind, row, most), most);
    } catch (const Error& error) {
      if (row.media_path.empty() && row.media_bytes.empty()) throw;
      continue;  // a file that cannot be decoded proves nothing
    }
    Json written = {{"text", row.text},
                    {"text_pair", row.text_pair},
                    {"target", row.target},
                    {"ids", computed.ids},
                    {"positions", computed.positions},
                    {"logits", computed.logits.defined() ? computed.logits.size(0) : 0}};
    if (!row.media_path.empty() || !row.media_bytes.empty()) {
      // The artefact can be checked again where the data is not.
      const std::string bytes = row.media_path.empty() ? row.media_bytes : read_file(row.media_path);
      const std::string name = "row-" + std::to_string(i) + fs::path(row.media_path).extension().string();
      write_atomically(place / name, bytes);
      written["media"] = name;
      media_bytes += bytes.size();
    }
    if (!row.tokens.empty()) written["tokens"] = row.tokens;
    // Tags belong to the words that the data has; a text that is cut otherwise has no known ones.
    const bool apart = kind == "tokens" && row.tokens.empty() && row.truth.size() != computed.ids.size();
    if (!row.truth.empty() && !apart) written["truth"] = row.truth;
    if (!computed.logits.defined()) {
      texts.push_back(std::move(written));
      continue;
    }
    answers.add(row, computed.ids, written);
    longest_row = std::max({longest_row, static_cast<std::int64_t>(row.tokens.size()), answers.longest()});
    if (scores && written.contains("truth")) {
      const Tensor of_row = computed.logits.contiguous();
      scores->add(std::span(of_row.const_data_ptr<float>(), static_cast<std::size_t>(of_row.numel())), of_row.size(-1),
                  computed.positions, row.truth);
    }
    texts.push_back(std::move(written));
    if (logits.empty()) layers = {{"row", texts.size() - 1}, {"prints", layer_prints(live, reading, row)}};
    logits.push_back(computed.logits);
  }
  write_atomically(place / "rows.json", texts.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  NamedTensors tensors;
  if (!logits.empty()) tensors.emplace_back("logits", at::cat(logits));  // [sum of P, L or V]
  write_tensors(place / "reference.safetensors", tensors);
  Json reference = {{"format", options.format},
                    {"precision", options.precision},
                    {"calibrated", options.calibrate},
                    {"max_tokens", inputs.max_tokens},
                    {"longest_seconds", longest},
                    {"rows", texts.size()},
                    {"tensors", format_checksums(options.format, folder)},
                    {"base_tensors", Json::object()},
                    {"merging", merging},
                    {"chat_template", inputs.tokenizer ? inputs.tokenizer->chat_template() : std::string()},
                    {"layers", std::move(layers)},
                    {"longest_row", longest_row},
                    {"ends", answers.ends()}};
  if (scores) reference["scores"] = {{"truth", kind}, {"blank", blank}, {"live", scores->values()}};
  if (fs::exists(folder / "adapter_config.json")) reference["base_tensors"] = tensor_checksums(base_of_adapter(folder));
  write_json(place / "reference.json", reference);
}

std::string prove_in_another_process(const fs::path& folder, const ExportProgress& progress) {
  const fs::path log = folder / "proof" / "log.txt";
  std::error_code ignored;
  fs::remove(folder / "proof.json", ignored);
  std::string problem;
  try {
    problem = run_cli({"export", "--verify", fs::absolute(folder).string()}, log, /*worst_exit_code=*/1, [&] {
      if (progress) progress("checking it in another process", -1);
    });
  } catch (const Error& error) {
    if (error.kind == ErrorKind::cancelled) throw;
    problem = error.text();
  }
  if (problem.empty() && !fs::exists(folder / "proof.json")) problem = "it wrote no result";
  if (!problem.empty())
    return write_failure(folder, "the check did not come to its end: " + problem + "\n" + end_of_log(log));
  fs::remove(log, ignored);
  return read_json(folder / "proof.json").dump();
}

}  // namespace luthier
