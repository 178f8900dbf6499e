#pragma once
// ONNX files in their next home: ONNX Runtime, in a process without LibTorch.
#include "proof/verification.h"

namespace luthier {

/// How a folder that write_onnx (export/formats.h) made is checked: texts cut by the folder's own tokenizer, images and
/// recordings read by its own processor. What writes token by token computes a row in pieces, so that the keys and
/// values that one call gives and the next one takes are checked too. Errors: not_found without the files, bad_input
/// where ONNX Runtime refuses one.
ArtefactFormat onnx_format();

}  // namespace luthier
