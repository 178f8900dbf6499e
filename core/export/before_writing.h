#pragma once
// What is looked at before an export begins to work.
#include <filesystem>

#include "export/exporter.h"

namespace luthier {

/// Bytes on the disk that an export takes while it is made, tokenizer and proof aside: what several copies need at the
/// same time is counted for each.
double bytes_while_exporting(const Model& model, const ExportOptions& options);

/// disk_full where fewer are free at `folder`.
void check_space(const Model& model, const ExportOptions& options, const std::filesystem::path& folder);

/// bad_input, naming the first one, for weights that are no numbers: training that went wrong.
void check_finite(const Model& model);

}  // namespace luthier
