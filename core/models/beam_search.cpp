// Beam search with the rules of transformers' generate, so that the same model writes the same answer here and there:
// of each step's best continuations the whole ones compete by length-penalised score, the others go on.
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/topk.h>

#include <algorithm>
#include <cmath>

#include "models/decoding.h"

namespace luthier {

namespace {

constexpr float kNever = -1e9f;

struct Beam {
  std::vector<std::int64_t> written;
  float score = kNever;  ///< log-probability; of whole answers divided by length^penalty
  bool whole = false;
};

struct Candidate {
  std::int64_t beam = 0, token = 0;
  float score = 0;
  bool ends = false;
};

/// What is known about one row of the batch.
struct Search {
  std::vector<Beam> running, answers;  ///< best first; answers that are not whole yet stand last
  bool can_improve = true;

  bool is_full() const {
    return std::all_of(answers.begin(), answers.end(), [](const Beam& beam) { return beam.whole; });
  }
};

bool better(const Beam& a, const Beam& b) { return a.score > b.score; }

/// Whole candidates among the best join the answers, of which the best stay.
void take_whole(Search& search, const std::vector<Candidate>& candidates, float length_divisor,
                const GenerateOptions& options) {
  const auto beams = static_cast<std::size_t>(options.beams);
  if (!search.can_improve || (options.stop_at_enough && search.is_full())) return;
  for (std::size_t i = 0; i < std::min(beams, candidates.size()); ++i) {
    if (!candidates[i].ends) continue;
    Beam answer = search.running[static_cast<std::size_t>(candidates[i].beam)];
    answer.written.push_back(candidates[i].token);
    answer.score = candidates[i].score / length_divisor;
    answer.whole = true;
    search.answers.push_back(std::move(answer));
  }
  std::stable_sort(search.answers.begin(), search.answers.end(), better);
  search.answers.resize(beams);
}

/// The best candidates that are not whole go on; says which beam each came from.
std::vector<std::int64_t> go_on(Search& search, std::vector<Candidate> candidates, std::size_t beams) {
  for (Candidate& candidate : candidates)
    if (candidate.ends) candidate.score += kNever;
  std::stable_sort(candidates.begin(), candidates.end(), [](auto& a, auto& b) { return a.score > b.score; });
  std::vector<Beam> next;
  std::vector<std::int64_t> from;
  for (std::size_t i = 0; i < beams; ++i) {
    const Candidate& candidate = candidates[i];
    Beam beam{search.running[static_cast<std::size_t>(candidate.beam)].written, candidate.score, false};
    beam.written.push_back(candidate.token);
    next.push_back(std::move(beam));
    from.push_back(candidate.beam);
  }
  search.running = std::move(next);
  return from;
}

/// Whether the best running beam, as long as it is now, beats the worst whole answer.
void look_ahead(Search& search, float length_divisor) {
  const float worst = std::min_element(search.answers.begin(), search.answers.end(), [](auto& a, auto& b) {
                        return a.score < b.score;
                      })->score;
  const float best_possible = search.running.front().score / length_divisor;
  const bool improves = std::any_of(search.answers.begin(), search.answers.end(), [&](const Beam& answer) {
    return best_possible > (answer.whole ? worst : kNever);
  });
  search.can_improve = search.can_improve && improves;
}

}  // namespace

TokenRows beam_search(Decoding& decoding, const GenerateOptions& options) {
  const std::int64_t beams = options.beams, room = decoding.room(options.max_new_tokens);
  const auto rows = static_cast<std::int64_t>(decoding.prompts().size());
  std::vector<Search> searches(static_cast<std::size_t>(rows));
  for (Search& search : searches) {
    search.running.assign(static_cast<std::size_t>(beams), {});
    search.running.front().score = 0;  // the others are the same yet: only one may go on
    search.answers.assign(static_cast<std::size_t>(beams), {});
  }
  const auto is_stop = [&](std::int64_t token) {
    return std::find(options.stop_ids.begin(), options.stop_ids.end(), token) != options.stop_ids.end();
  };
  const std::int64_t kept = std::max<std::int64_t>(2, 1 + static_cast<std::int64_t>(options.stop_ids.size())) * beams;
  Tensor logits;
  for (std::int64_t written = 0; written < room; ++written) {
    if (written == 0) {  // the prompt is read once a row
      logits = decoding.next_logits().repeat_interleave(beams, 0);
      decoding.repeat(beams);
    } else {
      logits = decoding.next_logits();
    }
    Tensor scores = at::log_softmax(logits, -1);  // [B * beams, V]
    TokenRows histories = decoding.prompts();
    std::vector<float> before;
    for (std::size_t i = 0; i < histories.size(); ++i) {
      const Beam& beam = searches[i / static_cast<std::size_t>(beams)].running[i % static_cast<std::size_t>(beams)];
      histories[i].insert(histories[i].end(), beam.written.begin(), beam.written.end());
      before.push_back(beam.score);
    }
    apply_rules(scores, histories, written == 0, options);
    const std::int64_t vocabulary = scores.size(1);
    scores = scores.add(at::tensor(before, at::kFloat).to(scores.device()).unsqueeze(1)).view({rows, -1});
    const auto [best, where] = at::topk(scores, std::min(kept, scores.size(1)));  // [B, kept]
    const Tensor values = best.cpu(), places = where.cpu();
    const auto length_divisor = [&](std::int64_t length) {
      return static_cast<float>(std::pow(static_cast<double>(length), options.length_penalty));
    };
    std::vector<std::int64_t> from, tokens;
    bool any_goes_on = false;
    for (std::int64_t row = 0; row < rows; ++row) {
      Search& search = searches[static_cast<std::size_t>(row)];
      std::vector<Candidate> candidates;
      for (std::int64_t i = 0; i < places.size(1); ++i) {
        const std::int64_t place = places.const_data_ptr<std::int64_t>()[row * places.size(1) + i];
        const float value = values.const_data_ptr<float>()[row * places.size(1) + i];
        const bool ends = written + 1 >= room || is_stop(place % vocabulary);
        any_goes_on = any_goes_on || !ends;
        candidates.push_back({place / vocabulary, place % vocabulary, value, ends});
      }
      take_whole(search, candidates, length_divisor(written + 1), options);
      for (const std::int64_t beam : go_on(search, candidates, static_cast<std::size_t>(beams)))
        from.push_back(row * beams + beam);
      for (const Beam& beam : search.running) tokens.push_back(beam.written.back());
      look_ahead(search, length_divisor(written + 1));
    }
    const bool improvable =
        std::any_of(searches.begin(), searches.end(), [](const Search& search) { return search.can_improve; });
    const bool enough = options.stop_at_enough && std::all_of(searches.begin(), searches.end(),
                                                              [](const Search& search) { return search.is_full(); });
    if (!improvable || enough || !any_goes_on) break;
    decoding.reorder(at::tensor(from, at::kLong));
    decoding.append(at::tensor(tokens, at::kLong));
  }
  TokenRows answers;
  for (const Search& search : searches) answers.push_back(search.answers.front().written);
  return answers;
}

}  // namespace luthier
