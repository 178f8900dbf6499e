#pragma once
// The words by which commands name a data file and how to read it.
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "data/dataset.h"
#include "export/artefact.h"
#include "models/model.h"

namespace luthier {

/// --data FILE [--roles JSON] [--format F] [--encoding E] [--delimiter C] [--quote C] [--header yes|no] [--max-rows N]
const std::vector<std::string>& data_words();
inline constexpr const char* kDataUsage =
    "--data FILE [--roles JSON] [--format F] [--encoding E] [--delimiter C] [--quote C] [--header yes|no] [--max-rows "
    "N]";

/// The options that the words give, `train` being the file and `task` the catalog's objective for this head. bad_input
/// when the file is not named or --roles is no JSON object of texts.
DatasetOptions data_options(const Arguments& arguments, Head head);

/// The same for what a model was trained on and how its rows were read.
DatasetOptions data_options(const Arguments& arguments, const Artefact& artefact);

/// The catalog's objective for a head.
std::string objective_of(Head head);

}  // namespace luthier
