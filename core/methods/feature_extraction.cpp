#include "base/error.h"
#include "methods/attach.h"

namespace luthier {

Attached attach_feature_extraction(Model& model) {
  freeze_all(model);
  train_modules(model, model.head_modules());
  Attached result = attached(model, /*frozen_backbone=*/true);
  if (result.trainable.empty())
    fail(ErrorKind::bad_input, "this model's head is tied to its embedding: there is nothing to train apart from it",
         "method", "choose lora or full");
  return result;
}

}  // namespace luthier
