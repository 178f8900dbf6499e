#pragma once
#include "base/json.h"
#include "data/dataset.h"

namespace luthier {

/// What a data set is like, for a model card: {"rows": {"train", "validation", "test"}, "labels": {name: rows} of the
/// training part, "length": {"unit", "median", "longest", "cut"}} of its rows. Parts without rows, labels of tasks that
/// have none and lengths of images are left out. `modality`: text, image or audio; `sample_rate` of recordings.
Json data_profile(const Dataset& data, const std::string& modality, std::int64_t sample_rate);

}  // namespace luthier
