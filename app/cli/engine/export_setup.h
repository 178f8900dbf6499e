#pragma once
// What `export` and `merge` share: options from words, and the rows of the proof.
#include <cstdint>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "export/artefact.h"
#include "export/exporter.h"

namespace luthier {

/// --to FORMAT --out DIR [--precision TYPE] [--unmerged] [--overwrite] [--set OPTION=VALUE]... and the words of data.
const std::vector<std::string>& export_valued();
const std::vector<std::string>& export_flags();
inline constexpr const char* kExportUsage =
    "--out DIR [--precision TYPE] [--unmerged] [--overwrite] [--set OPTION=VALUE]...";

/// Every problem at once (bad_input): unknown options, values out of range, number types that the format does not have.
/// `fallback`: the format where --to is not given; empty: it must be.
ExportOptions export_options(const Arguments& arguments, const std::string& fallback = {});

/// At most so many held-out rows for a model that comes from a folder: --data, else those of the artefact's own proof,
/// else plain texts that do for any model. bad_input where a model of images or recordings has none.
std::vector<ProofRow> rows_for(const Arguments& arguments, const Artefact& artefact, std::int64_t most);

}  // namespace luthier
