#pragma once
// The images and recordings of a batch.
#include "eval/collate.h"

namespace luthier {

/// Decodes the files of batch.rows into batch.inputs; takes rows out whose file cannot be decoded.
void add_media(const EncodedSplit& split, const CollateOptions& options, std::uint64_t epoch, bool training,
               LabelledBatch& batch);

/// mixup and cutmix where the options ask for them: classes become soft labels. A function of (seed, epoch, first row).
void blend_images(const CollateOptions& options, std::uint64_t epoch, LabelledBatch& batch);

}  // namespace luthier
