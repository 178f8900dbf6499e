#pragma once
// ONNX files in their next home: ONNX Runtime, in a process without LibTorch.
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "proof/verification.h"

namespace luthier {

namespace onnx {
class Network;
}

/// Told of every ONNX file that a runner has opened, by its name in the folder, before anything is computed.
using OnnxOpened = std::function<void(const std::string& file, onnx::Network& network)>;
/// What computes the rows of `folder`; `reference` as onnx_format() has it: "max_tokens", "longest_seconds".
std::unique_ptr<ArtefactRunner> open_onnx_files(const std::filesystem::path& folder, const Json& reference,
                                                const OnnxOpened& opened = {});

/// How a folder that write_onnx (export/formats.h) made is checked: texts cut by the folder's own tokenizer, images and
/// recordings read by its own processor. What writes token by token computes a row in pieces, so that the keys and
/// values that one call gives and the next one takes are checked too. Errors: not_found without the files, bad_input
/// where ONNX Runtime refuses one.
ArtefactFormat onnx_format();

}  // namespace luthier
