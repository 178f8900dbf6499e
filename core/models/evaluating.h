#pragma once
#include <c10/core/GradMode.h>

#include "models/model.h"

namespace luthier {

/// Evaluation mode and no gradients while alive; then the mode that was.
class Evaluating {
 public:
  explicit Evaluating(Model& model) : model_(model), was_training_(model.is_training()) { model_.eval(); }
  ~Evaluating() { model_.train(was_training_); }
  Evaluating(const Evaluating&) = delete;
  Evaluating& operator=(const Evaluating&) = delete;

 private:
  Model& model_;
  bool was_training_;
  c10::NoGradGuard no_grad_;
};

}  // namespace luthier
