// The check of artefacts that LibTorch computes: Hugging Face folders, adapters and TorchScript files.
#include <nlohmann/json.hpp>
#include <optional>

#include "base/files.h"
#include "export/artefact.h"
#include "export/exporter.h"
#include "export/formats.h"
#include "export/layer_prints.h"
#include "export/row_logits.h"
#include "export/torchscript.h"

namespace luthier {

namespace {

class TorchRunner : public ArtefactRunner {
 public:
  TorchRunner(const fs::path& folder, const Json& reference)
      : artefact_(open_artefact(folder)),
        reading_{artefact_.tokenizer.get(), artefact_.processors, reference.at("max_tokens"),
                 reference.value("longest_seconds", artefact_.longest_seconds)} {}

  RowResult run(const HeldOutRow& row) override {
    const RowLogits computed = row_logits(*artefact_.model, reading_, given(row), row.positions);
    RowResult result{computed.ids, {}};
    if (!computed.logits.defined()) return result;
    const Tensor logits = computed.logits.contiguous();
    result.logits.assign(logits.const_data_ptr<float>(), logits.const_data_ptr<float>() + logits.numel());
    return result;
  }

  std::vector<std::int64_t> answer(const HeldOutRow& row, const AnswerTask& task) override {
    return written_answer(*artefact_.model, reading_, given(row), task);
  }

  std::string chat_template() override {
    return artefact_.tokenizer ? artefact_.tokenizer->chat_template() : std::string();
  }

  std::string first_layer_apart(const HeldOutRow& row, const Json& prints, double limit) override {
    return luthier::first_layer_apart(prints, layer_prints(*artefact_.model, reading_, given(row)), limit);
  }

 private:
  static ProofRow given(const HeldOutRow& row) {
    ProofRow read{row.text, row.text_pair};
    read.target = row.target;
    read.media_path = row.media;
    read.tokens = row.tokens;
    return read;
  }

  Artefact artefact_;
  RowReading reading_;
};

}  // namespace

bool verify_export(const fs::path& path, std::string* proof_json, const ExportProgress& progress) {
  ArtefactFormat format;
  format.open = [](const fs::path& folder, const Json& reference) -> std::unique_ptr<ArtefactRunner> {
    if (reference.at("format") == "torchscript") return open_torchscript(folder, reference);
    return std::make_unique<TorchRunner>(folder, reference);
  };
  format.checksums = [](const fs::path& folder) { return format_checksums(format_of_artefact(folder), folder); };
  format.base_checksums = [](const fs::path& folder) { return tensor_checksums(base_of_adapter(folder)); };
  const Json proof = verify_artefact(path, format, progress);
  if (proof_json) *proof_json = proof.dump();
  return proof.at("passed");
}

}  // namespace luthier
