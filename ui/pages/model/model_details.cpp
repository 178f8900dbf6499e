#include "pages/model/model_details.h"

#include <QObject>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "recipe/catalog.h"
#include "weights/weights.h"

namespace luthier {

namespace {
QString dtypeName(DType type) {
  switch (type) {
    case DType::f64:
      return "float64";
    case DType::f32:
      return "float32";
    case DType::f16:
      return "float16";
    case DType::bf16:
      return "bfloat16";
    default:
      return QString::fromStdString(to_string(type));
  }
}

void readWeights(ModelDetails& details) {
  try {
    const Weights weights = Weights::open(details.model.folder);
    std::map<DType, std::int64_t> counts;
    for (const TensorEntry& tensor : weights.tensors()) counts[tensor.type] += tensor.elements();
    const auto most =
        std::max_element(counts.begin(), counts.end(), [](auto& a, auto& b) { return a.second < b.second; });
    if (most != counts.end()) details.dtype = dtypeName(most->first);
    details.tensors = std::int64_t(weights.tensors().size());
  } catch (const Error&) {
    // The outline's findings say what is wrong with the weights.
  }
}

/// "BPE" with a byte-level part anywhere in its pipeline is another thing than BPE over characters.
QString tokenizerKind(const fs::path& folder) {
  std::error_code absent;
  if (!fs::exists(folder / "tokenizer.json", absent))
    return fs::exists(folder / "vocab.txt", absent) ? QString("WordPiece") : QString();
  try {
    const Json json = read_json(folder / "tokenizer.json");
    const std::string type = json.at("model").at("type").get<std::string>();
    const auto uses = [&](const char* part, const std::string& name) {
      const auto found = json.find(part);
      return found != json.end() && found->dump().find('"' + name + '"') != std::string::npos;
    };
    if (type != "BPE") return QString::fromStdString(type);
    return uses("pre_tokenizer", "ByteLevel") || uses("decoder", "ByteLevel") ? QObject::tr("Byte-level BPE")
                                                                              : QString("BPE");
  } catch (const Error&) {
  } catch (const Json::exception&) {
  }
  return {};
}

std::int64_t numberIn(const Json& config, const char* key) {
  const auto found = config.is_object() ? config.find(key) : config.end();
  return found != config.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}
}  // namespace

ModelDetails readModelDetails(const std::filesystem::path& folder, const std::string& objective, std::int64_t labels,
                              bool drawn) {
  ModelDetails details;
  details.model = lookAtModel(folder, ModelOrigin::opened, objective, labels, drawn);
  details.drawn = drawn;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent))
    if (entry.is_regular_file(absent)) details.diskBytes += fs::file_size(entry.path(), absent);
  if (!details.model.outline) return details;
  const FamilyEntry& family = family_of_model_type(details.model.outline->model_type);
  const bool writes = std::find(family.heads.begin(), family.heads.end(), "causal_lm") != family.heads.end();
  details.kind = writes ? QObject::tr("decoder-only") : QObject::tr("encoder");
  details.heads = details.model.outline->sizes.heads;
  try {
    details.keyValueHeads = numberIn(read_json(folder / "config.json"), "num_key_value_heads");
  } catch (const Error&) {
    // It was read a moment ago; without the number one fact is missing.
  }
  readWeights(details);
  details.tokenizer = tokenizerKind(folder);
  return details;
}

}  // namespace luthier
