#include "pages/home/openable.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "data/table.h"

namespace luthier {

namespace {
bool isDataName(const fs::path& file) {
  static const std::set<std::string> endings = {".csv",     ".tsv", ".json",  ".jsonl", ".ndjson",
                                                ".parquet", ".txt", ".conll", ".conllu"};
  const fs::path unpacked = file.extension() == ".gz" ? file.stem() : file;
  std::string ending = unpacked.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return endings.contains(ending);
}

/// The folder itself where it holds images or recordings and no table but their metadata.
fs::path dataIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.is_regular_file(error) && isDataName(entry.path()) && entry.path().stem() != "metadata")
      files.push_back(entry.path());
  if (error) fail(ErrorKind::io, "the folder cannot be read: " + error.message(), folder.string());
  if (files.size() == 1) return files.front();
  const auto isTraining = [](const fs::path& file) { return file.filename().string().starts_with("train"); };
  const auto training = std::find_if(files.begin(), files.end(), isTraining);
  if (training != files.end()) return *training;
  if (files.empty()) {
    try {
      Table::open(folder);
      return folder;
    } catch (const Error& media) {
      fail(ErrorKind::bad_input,
           "the folder holds neither a project (recipe.json) nor a data file, and no media: " + media.message,
           folder.string(), "drop a data file, a folder of images or recordings, or the folder of a project");
    }
  }
  fail(ErrorKind::bad_input,
       "the folder holds " + std::to_string(files.size()) + " data files, none of them called train", folder.string(),
       "drop the file to train on");
}

bool isRecipe(const fs::path& file) {
  if (file.extension() != ".json") return false;
  constexpr std::uintmax_t kLargestRecipe = 4u << 20;
  std::error_code error;
  if (fs::file_size(file, error) > kLargestRecipe || error) return false;
  const Json json = Json::parse(read_file(file), nullptr, false);
  return json.is_object() && json.contains("luthier");
}
}  // namespace

std::filesystem::path openablePath(const std::filesystem::path& dropped) {
  std::error_code error;
  if (!fs::exists(dropped, error))
    fail(ErrorKind::not_found, "there is no such file or folder", dropped.string(), "choose another one");
  if (!fs::is_directory(dropped, error)) {
    if (isRecipe(dropped)) return dropped;
    Table::open(dropped);  // says what is wrong with a file that is no table
    return dropped;
  }
  if (fs::exists(dropped / "recipe.json", error)) return dropped;
  if (fs::exists(dropped / "config.json", error))
    fail(ErrorKind::bad_input, "this is the folder of a model, not of data", dropped.string(),
         "open data first, then choose this folder on the page Model");
  const fs::path data = dataIn(dropped);
  if (data != dropped) Table::open(data);
  return data;
}

}  // namespace luthier
