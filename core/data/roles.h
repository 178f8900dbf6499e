#pragma once
// From the columns of a table to the roles that a task needs.
#include <functional>
#include <optional>
#include <string>

#include "data/dataset.h"
#include "data/findings.h"

namespace luthier {

struct RoleRow : TextRow {
  std::string split, weight;

  /// What is compared to find repeated rows, and what is shown for the row.
  std::string content() const;
  std::string shown() const;
};

/// A row that the task can do nothing with, whatever its label.
bool has_nothing_to_read(const RoleRow& row, const DatasetOptions& options);

/// The labels of a multi_label row: a JSON list, or texts between separators.
std::vector<std::string> split_labels(const std::string& text, const std::string& separator);
/// nullopt where the text is no finite number.
std::optional<float> number_of_label(const std::string& text);

/// Which column plays which role in one file.
class RoleReader {
 public:
  /// A role that is not named is played by the column of its own name (weight never, split in folders alone); a table
  /// of one column is text. With `training` the label, tags or completion must be there. bad_input names the role and
  /// the columns.
  RoleReader(const Table& table, const DatasetOptions& options, bool training);

  /// False when tokens and tags do not fit together or a list cannot be read.
  bool fill(const Row& row, RoleRow& filled) const;
  bool has(const std::string& role) const;
  /// The split column is one that a folder brings by itself.
  bool splits_by_folder() const { return splits_by_folder_; }

 private:
  std::optional<std::size_t> text_, text_pair_, label_, prompt_, completion_, tokens_, tags_, split_, weight_, media_,
      target_, messages_, instruction_, input_, response_, system_, tools_, chosen_, rejected_, desirable_;
  std::filesystem::path folder_;
  bool splits_by_folder_ = false;
};

}  // namespace luthier
