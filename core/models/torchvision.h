#pragma once
// State dicts of torchvision's classifiers as Hugging Face folders.
#include <filesystem>
#include <string>

namespace luthier {

struct TorchvisionImport {
  std::string name;  ///< as torchvision calls it: "resnet50", "efficientnet_b0", "vit_b_16"
  std::string note;  ///< what to know about the result; may be empty
};

/// Reads a state dict (.pth or .safetensors) of torchvision's ResNet, EfficientNet or ViT, known by the names and
/// shapes of its tensors, and writes config.json, model.safetensors (fp32) and preprocessor_config.json (the sizes,
/// mean and deviation that torchvision evaluates with) into `folder`, which must not exist or be empty. The model
/// computes the same. Errors: not_found, unsupported (names what the file seems to be), bad_input (tensors that do not
/// belong together), conflict (the folder holds something).
TorchvisionImport import_torchvision(const std::filesystem::path& file, const std::filesystem::path& folder);

}  // namespace luthier
