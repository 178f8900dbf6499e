#pragma once
// A folder of images or recordings as a table: one row a file. Labels come from the folders that the files lie in, all
// else from a metadata file beside them, as in Hugging Face's ImageFolder and AudioFolder and in the LJSpeech corpus.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/rows.h"

namespace luthier {

/// Lists `layout.path` (a folder) and fills `layout.folder` and the columns:
///   image or audio   the file, from the folder on
///   ...              the columns of metadata.csv, metadata.jsonl or metadata.parquet, without file_name
///   label            without a metadata file: the name of the folder that the file lies in, where it lies in one
///   split            where the sub-folders are named train, validation (val, dev) and test
///   width, height or seconds, rate     from the head of each file
/// With detected.max_rows so many files are taken, spread evenly. Files that cannot be used become findings.
/// Errors: bad_input when there is no image or recording, or when a metadata file names none.
void detect_folder(Layout& layout, FindingLog& log);
std::unique_ptr<RowReader> open_folder_rows(const Layout& layout, FindingLog& log);

/// Names, sizes and times of change of all that lies below a folder, as one number.
std::uint64_t folder_fingerprint(const std::filesystem::path& folder);
/// How large its files are together.
std::uint64_t folder_bytes(const std::filesystem::path& folder);

struct MediaFolder {
  struct File {
    std::string path;                 ///< from the root on
    std::string label, split;         ///< empty: none
    std::vector<std::string> values;  ///< of the metadata columns; empty without a metadata row
    std::vector<bool> null;
  };
  std::string modality;  ///< image or audio
  std::vector<File> files;
  std::vector<Column> metadata;
  bool labels = false, splits = false;
};

}  // namespace luthier
