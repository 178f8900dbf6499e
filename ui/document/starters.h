#pragma once
// The projects that come with the program: small data, a small model, a recipe that works at once.
#include <QImage>
#include <QString>
#include <filesystem>
#include <string>
#include <vector>

namespace luthier {

constexpr const char* kMadeFrom = "pretrain";  ///< how a starter's model was made: no part of a project

/// One row of a starter's training data, as far as a card shows it.
struct StarterRow {
  QString text;       ///< the text, or the prompt
  QString answer;     ///< the label, or the completion
  QImage image = {};  ///< of images: a thumbnail
};

struct Starter {
  QString id;  ///< "text", "image" and "speech" classify, "instruct" answers; others are called like their folder
  std::filesystem::path folder;
  QString name;   ///< "classify-text"
  QString title;  ///< "Classify text"
  QString summary;
  std::string objective;            ///< kind
  std::string modality = "text";    ///< what its rows are: text, image or audio
  QString family;                   ///< "BERT"
  std::int64_t parameters = 0;      ///< of the model
  std::int64_t rows = 0;            ///< of the training data
  std::vector<StarterRow> preview;  ///< three rows (six images), of different labels where there are any
};

/// resources/starters of a checkout around the program, or share/luthier/starters of an installation; empty where there
/// is neither. $LUTHIER_STARTERS comes first.
std::filesystem::path startersFolder();

/// Reads recipes, the first rows and the models' headers: not for the window's thread. A folder without recipe, data
/// or model is left out. Those with an id of their own come first.
std::vector<Starter> readStarters(const std::filesystem::path& folder);

/// Copies it into a new folder of `projects` ("classify-text", else "classify-text 2", ...), without the files that
/// only tell how its model was made. Returns the new folder.
std::filesystem::path copyStarter(const std::filesystem::path& starter, const std::filesystem::path& projects);

/// projects/name, or the first of "name 2", "name 3", ... that is not there.
std::filesystem::path unusedFolder(const std::filesystem::path& projects, const std::string& name);

}  // namespace luthier
