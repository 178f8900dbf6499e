#pragma once
// The two halves of a proof. The exporting process writes what the live model computes beside the artefact; a process
// of its own then loads the artefact from the disk and compares (verify_export in exporter.h).
//   <artefact>/proof/rows.json               the raw texts, their token ids, the positions that are compared
//   <artefact>/proof/reference.safetensors   "logits": of the live model, all rows one after another
//   <artefact>/proof/reference.json          what was exported and how, and a checksum of every tensor
//   <artefact>/proof.json                    the result
#include <filesystem>
#include <string>

#include "export/exporter.h"

namespace luthier {

/// Writes <folder>/proof for an artefact whose weights lie in `folder` already. `merging`: what choose_quantised_base
/// told, null elsewhere; it is carried over into proof.json.
void write_reference(Model& live, const ExportInputs& inputs, const ExportOptions& options, const Json& merging,
                     const std::filesystem::path& folder);

/// Starts `luthier-cli export --verify` on the artefact, waits for it and returns proof.json's text. A process that
/// cannot be started or does not end well is a proof that failed, with the reason in it. What `progress` throws ends
/// the other process too.
std::string prove_in_another_process(const std::filesystem::path& folder, const ExportProgress& progress = {});

/// How much of a recording is read: what the recipe says, else 30.
double longest_seconds_of(const std::string& recipe_json);

}  // namespace luthier
