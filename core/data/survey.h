#pragma once
// The first pass over the data: which rows count, their labels and splits, and all that can be wrong with them. Texts
// are not kept: a row costs 40 bytes.
#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/findings.h"
#include "data/labels.h"
#include "data/split.h"

namespace luthier {

struct SurveyedRow {
  std::int64_t source_row = 0;
  std::uint64_t content = 0;  ///< hash of the texts
  std::int32_t label = -1;    ///< id
  float weight = 1;
  Split split = Split::train;
  std::int32_t length = 1;  ///< recordings: samples at the wanted rate, after cutting
};

struct SurveyedFile {
  std::filesystem::path path;
  std::vector<SurveyedRow> rows;  ///< those that are used, in file order
  std::vector<Finding> findings;  ///< of reading the file
  FindingLog log;                 ///< of its rows
};

struct Survey {
  std::vector<SurveyedFile> files;  ///< train first, then validation and test where given
  LabelSet labels{{}, {}, {}, false};
  FindingLog log;      ///< of the data as a whole
  bool pairs = false;  ///< some row has a second text
};

/// Errors as load_dataset.
Survey survey_data(const DatasetOptions& options);

/// Findings of the data as a whole and of all files; with several files each message starts with the file's name.
std::vector<Finding> all_findings(const Survey& survey);

}  // namespace luthier
