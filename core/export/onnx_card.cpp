#include "export/onnx_card.h"

#include <nlohmann/json.hpp>

namespace luthier {

namespace {

struct Code {
  std::string imports, lines;
};

/// Makes `given`, what the first file reads, by name.
Code reading(const Model& model, const ExportInputs& inputs) {
  if (inputs.processors.image)
    return {"from PIL import Image\nfrom transformers import AutoImageProcessor\n",
            "processor = AutoImageProcessor.from_pretrained(\".\")\n"
            "given = dict(processor(Image.open(\"picture.jpg\"), return_tensors=\"np\"))\n"};
  if (inputs.processors.audio) {
    const std::string rate = std::to_string(inputs.processors.rate());
    Code code = {"import soundfile\nfrom transformers import AutoFeatureExtractor\n",
                 "processor = AutoFeatureExtractor.from_pretrained(\".\")\n"
                 "sound, _ = soundfile.read(\"recording.wav\", dtype=\"float32\")  # one channel, " +
                     rate + " samples a second\ngiven = dict(processor(sound, sampling_rate=" + rate +
                     ", return_tensors=\"np\"))\n"};
    if (model.family() == "wav2vec2")
      code.lines += "given[\"attention_mask\"] = np.ones(given[\"input_values\"].shape, np.int64)\n";
    return code;
  }
  return {"from transformers import AutoTokenizer\n",
          "tokenizer = AutoTokenizer.from_pretrained(\".\")\ngiven = dict(tokenizer([\"a text\"], "
          "return_tensors=\"np\"))\n"};
}

const char* const kRun =
    "\ndef run(session, given):\n"
    "    names = [one.name for one in session.get_inputs()]\n"
    "    found = session.run(None, {name: given[name] for name in names})\n"
    "    return {one.name: value for one, value in zip(session.get_outputs(), found)}\n\n\n";

/// Greedy writing with the keys and values of the tokens before.
std::string writing(const Model& model) {
  const bool has_encoder = model.is_encoder_decoder();
  std::string code;
  if (has_encoder) {
    const Json start = model.config().value("decoder_start_token_id", Json(0));
    code =
        "states = run(onnxruntime.InferenceSession(\"encoder_model.onnx\"), given)\n"
        "session = onnxruntime.InferenceSession(\"decoder_model.onnx\")\n"
        "given = {name.replace(\"present.\", \"past_key_values.\"): value for name, value in states.items()} | {\n"
        "    \"encoder_attention_mask\": given.get(\"attention_mask\"), \"input_ids\": np.array([[" +
        start.dump() + "]])}\n";
  } else {
    code = "session = onnxruntime.InferenceSession(\"model.onnx\")\n";
  }
  code +=
      "for one in session.get_inputs():\n"
      "    if one.name.startswith(\"past_key_values.\") and one.name not in given:  # no tokens yet\n"
      "        given[one.name] = np.zeros((1, one.shape[1], 0, one.shape[3]), np.float32)\n"
      "for _ in range(20):\n"
      "    found = run(session, given)\n"
      "    given[\"input_ids\"] = found[\"logits\"][:, -1:].argmax(-1)\n"
      "    print(given[\"input_ids\"][0, 0], end=\" \")\n";
  if (!has_encoder)
    code +=
        "    given[\"attention_mask\"] = np.concatenate([given[\"attention_mask\"], np.ones((1, 1), np.int64)], 1)\n";
  return code +
         "    given.update({name.replace(\"present.\", \"past_key_values.\"): value for name, value in "
         "found.items()})\n";
}

std::string answering(const Model& model) {
  const std::string code = "logits = run(onnxruntime.InferenceSession(\"model.onnx\"), given)[\"logits\"]\n";
  if (model.label_names().empty()) return code + "print(logits.argmax(-1))\n";
  return code +
         "labels = json.load(open(\"config.json\"))[\"id2label\"]\nprint([labels[str(one)] for one in "
         "logits.argmax(-1).flatten().tolist()])\n";
}

}  // namespace

std::string onnx_loading(const Model& model, const ExportInputs& inputs) {
  const bool writes = model.head_kind() == Head::causal_lm || model.head_kind() == Head::seq2seq_lm;
  const bool stepwise = writes && !model.prompt();
  std::string text = "## Using it\n\n";
  if (stepwise && model.is_encoder_decoder())
    text +=
        "`encoder_model.onnx` reads the input once; `decoder_model.onnx` writes with what it gives and with the keys "
        "and "
        "values of the tokens before (`past_key_values...`, none to begin with).";
  else if (stepwise)
    text +=
        "`model.onnx` gives the logits of the tokens that it is given, with the keys and values of the tokens before "
        "(`past_key_values...`, none to begin with).";
  else
    text += "`model.onnx` is the whole model for ONNX Runtime and other programs that read ONNX (opset 20).";
  const Code read = reading(model, inputs);
  text +=
      " Batch and length may be any.\n\nFrom this folder, in Python:\n\n```python\nimport json\n\nimport numpy as np\n"
      "import onnxruntime\n" +
      read.imports + "\n" + kRun + read.lines;
  return text + (stepwise ? writing(model) : answering(model)) + "```\n\n";
}

}  // namespace luthier
