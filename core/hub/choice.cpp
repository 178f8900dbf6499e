#include "hub/choice.h"

#include <algorithm>
#include <regex>

#include "base/error.h"

namespace luthier {

namespace {

bool matches(const std::string& name, const char* pattern) { return std::regex_match(name, std::regex(pattern)); }

// In the order in which they are wanted: the first that a model has is taken, an index with its parts.
constexpr const char* kWeights[][2] = {
    {"model.safetensors", "model\\.safetensors"},
    {"model.safetensors.index.json", "model(-\\d+-of-\\d+\\.safetensors|\\.safetensors\\.index\\.json)"},
    {"adapter_model.safetensors", "adapter_model\\.safetensors"},
    {"pytorch_model.bin", "pytorch_model\\.bin"},
    {"pytorch_model.bin.index.json", "pytorch_model(-\\d+-of-\\d+\\.bin|\\.bin\\.index\\.json)"},
    {"adapter_model.bin", "adapter_model\\.bin"}};

constexpr const char* kOthers =
    "(config|generation_config|adapter_config|preprocessor_config|processor_config|special_tokens_map|added_tokens|"
    "vocab|normalizer)\\.json|tokenizer.*|vocab\\.txt|merges\\.txt|(spiece|sentencepiece|sentencepiece\\.bpe|source|"
    "target)(\\.model|\\.spm)|chat_template\\.(jinja|json)|README\\.md|LICEN[SC]E.*";

}  // namespace

std::vector<HubFile> needed_files(const HubModel& model) {
  const auto has = [&](const std::string& name) {
    return std::any_of(model.files.begin(), model.files.end(), [&](const HubFile& file) { return file.path == name; });
  };
  if (!has("config.json") && !has("adapter_config.json"))
    fail(ErrorKind::not_found, "this is no model for transformers: it has neither config.json nor adapter_config.json",
         model.id, "search for one with: luthier-cli hub search WORDS");
  const auto* weights = std::find_if(std::begin(kWeights), std::end(kWeights), [&](auto& one) { return has(one[0]); });
  if (weights == std::end(kWeights))
    fail(ErrorKind::not_found, "the model has no weights that Luthier reads (safetensors or torch's)", model.id,
         "look for a version of it for transformers and PyTorch");
  std::vector<HubFile> files;
  for (const HubFile& file : model.files)
    if (file.path.find('/') == std::string::npos && (matches(file.path, kOthers) || matches(file.path, (*weights)[1])))
      files.push_back(file);
  // The small ones first: a model that cannot be used shows itself before its weights are fetched.
  std::stable_sort(files.begin(), files.end(), [](const HubFile& a, const HubFile& b) {
    return a.bytes.value_or(UINT64_MAX) < b.bytes.value_or(UINT64_MAX);
  });
  return files;
}

}  // namespace luthier
