#include "export/torchscript_card.h"

#include <nlohmann/json.hpp>

namespace luthier {

namespace {

struct ScriptCode {
  std::string imports, lines;
};

/// Makes `given`, the inputs of forward or encode.
ScriptCode script_reading(const Model& model, const ExportInputs& inputs) {
  if (inputs.processors.image)
    return {"from PIL import Image\nfrom transformers import AutoImageProcessor\n",
            "processor = AutoImageProcessor.from_pretrained(\".\")\n"
            "read = processor(Image.open(\"picture.jpg\"), return_tensors=\"pt\")\n"
            "given = [read[\"pixel_values\"].to(numbers)]\n"};
  if (inputs.processors.audio) {
    const std::string rate = std::to_string(inputs.processors.rate());
    ScriptCode code = {"import soundfile\nfrom transformers import AutoFeatureExtractor\n",
                       "processor = AutoFeatureExtractor.from_pretrained(\".\")\n"
                       "sound, _ = soundfile.read(\"recording.wav\", dtype=\"float32\")  # one channel, " +
                           rate + " samples a second\nread = processor(sound, sampling_rate=" + rate +
                           ", return_tensors=\"pt\")\n"};
    code.lines += model.family() == "whisper" ? "given = [read[\"input_features\"].to(numbers)]\n"
                                              : "waveform = read[\"input_values\"].to(numbers)\n"
                                                "given = [waveform, torch.ones(waveform.shape, dtype=torch.long)]\n";
    return code;
  }
  ScriptCode code = {"from transformers import AutoTokenizer\n",
                     "tokenizer = AutoTokenizer.from_pretrained(\".\")\n"
                     "read = tokenizer([\"a text\"], return_tensors=\"pt\")\n"
                     "given = [read[\"input_ids\"], read[\"attention_mask\"]"};
  code.lines += model.family() == "bert" ? ", read[\"token_type_ids\"]]\n" : "]\n";
  return code;
}

/// Greedy writing with the keys and values of the tokens before.
std::string script_writing(const Model& model) {
  const std::string shared =
      "methods = json.load(open(\"methods.json\"))[\"methods\"]\n"
      "shapes = [one[\"shape\"] for one in methods[\"decode\"][\"inputs\"] if one[\"name\"].startswith(\"past_\")]\n"
      "past = [torch.zeros(1, shape[1], 0, shape[3], dtype=numbers) for shape in shapes]  # no tokens yet\n";
  if (model.head_kind() == Head::causal_lm)
    return shared +
           "ids, mask = given\nwith torch.no_grad():\n    for _ in range(20):\n"
           "        logits, *past = model.decode(ids, mask, *past)\n        ids = logits[:, -1:].argmax(-1)\n"
           "        print(tokenizer.decode(ids[0]), end=\" \")\n"
           "        mask = torch.cat([mask, torch.ones_like(ids)], 1)\n";
  const Json start = model.config().value("decoder_start_token_id", Json(0));
  const std::string mask = model.family() == "whisper" ? "" : "given[1], ";
  return shared + "ids = torch.tensor([[" + start.dump() +
         "]])  # decoder_start_token_id\nwith torch.no_grad():\n    states, *cross = model.encode(*given)\n"
         "    for _ in range(20):\n        logits, *past = model.decode(ids, " +
         mask + "*past, *cross)\n        ids = logits[:, -1:].argmax(-1)\n        print(ids.item(), end=\" \")\n";
}

std::string script_answering(const Model& model) {
  std::string code = "with torch.no_grad():\n    logits = model(*given)\n";
  if (model.label_names().empty()) return code + "print(logits.argmax(-1))\n";
  return code +
         "labels = json.load(open(\"config.json\"))[\"id2label\"]\nprint([labels[str(one)] for one in "
         "logits.argmax(-1).flatten().tolist()])\n";
}

}  // namespace

std::string torchscript_loading(const Model& model, const ExportInputs& inputs) {
  const bool writes = model.head_kind() == Head::causal_lm || model.head_kind() == Head::seq2seq_lm;
  const bool stepwise = writes && !model.prompt();
  std::string text =
      "## Using it\n\n`model.pt` is the whole model for LibTorch and PyTorch; `methods.json` lists its methods with "
      "their inputs and outputs. Batch and length may be any.";
  if (stepwise)
    text += " `forward` gives the logits of whole texts; " +
            std::string(model.is_encoder_decoder() ? "`encode` reads the input, `decode` writes" : "`decode` writes") +
            " token by token with the keys and values of the tokens before.";
  const ScriptCode read = script_reading(model, inputs);
  text += "\n\nFrom this folder, in Python:\n\n```python\nimport json\n\nimport torch\n" + read.imports +
          "\nmodel = torch.jit.load(\"model.pt\")\nnumbers = next(model.parameters()).dtype\n" + read.lines;
  text += stepwise ? script_writing(model) : script_answering(model);
  return text +
         "```\n\nIn C++:\n\n```cpp\n#include <torch/script.h>\n\ntorch::jit::Module model = "
         "torch::jit::load(\"model.pt\");\ntorch::InferenceMode guard;\ntorch::Tensor logits = "
         "model.forward(given).toTensor();  // the inputs that methods.json lists\n```\n\n";
}

}  // namespace luthier
