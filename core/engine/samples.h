#pragma once
// What a language model in training says to a few held-out prompts: shows, beside the loss, how its answers change.
#include <cstdint>
#include <string>
#include <vector>

#include "engine/prepare.h"

namespace luthier {

struct SamplePrompt {
  std::vector<std::int64_t> ids;  ///< what the model is given
  std::string prompt, reference;  ///< as text; reference: what the data says next
};

class Samples {
 public:
  /// Takes the prompts from the validation rows, else the test rows: at most three, spread evenly. None for other
  /// objectives. `parts` outlives this.
  explicit Samples(Prepared& parts);

  /// Answers every prompt greedily and logs an event "sample" for each: {"index", "model", "prompt", "answer",
  /// "reference", "ended"}; ended: with an end token instead of at the length limit. Changes neither the model nor the
  /// numbers of the training.
  void write(std::int64_t step, const std::string& model, RunLog& log) const;
  const std::vector<SamplePrompt>& prompts() const { return prompts_; }

 private:
  Prepared& parts_;
  std::vector<SamplePrompt> prompts_;
  std::vector<std::int64_t> ends_;
};

}  // namespace luthier
