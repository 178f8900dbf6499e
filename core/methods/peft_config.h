#pragma once
// adapter_config.json as PEFT writes it.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "models/model.h"

namespace luthier {

constexpr const char* kPeftVersion = "0.20.1";  ///< whose keys are written
constexpr const char* kPeftConfigFile = "adapter_config.json";
constexpr const char* kPeftTensorFile = "adapter_model.safetensors";
constexpr const char* kOlderPeftTensorFile = "adapter_model.bin";

struct PeftConfig {
  std::string type = "LORA";  ///< LORA or IA3
  std::int64_t rank = 8;
  double alpha = 8;
  double dropout = 0;
  bool rank_stabilised = false;
  bool dora = false;
  bool transposed = false;           ///< "fan_in_fan_out": the base layers keep their weights as [in, out]
  std::vector<std::string> targets;  ///< name endings; empty when the file holds an expression
  std::vector<std::int64_t> blocks;  ///< "layers_to_transform": only in blocks with these numbers; empty: in all
  std::vector<std::string> modules_to_save;
  std::vector<std::pair<std::string, double>> rank_pattern,
      alpha_pattern;                      ///< in the file's order: the first match counts
  std::vector<std::string> feed_forward;  ///< IA3: endings of the layers whose input is scaled
  std::string feed_forward_expression;    ///< the same as a regular expression; may be empty
};

/// Reads what matters for a LoRA or an IA3 and leaves every other key alone. `where` names the file. bad_input for
/// values of the wrong kind; unsupported, by name, for adapters of another type and for settings that change what is
/// computed.
PeftConfig read_peft_config(const OrderedJson& json, const std::string& where);

/// Every key that PEFT writes. SEQ_CLS, TOKEN_CLS and CAUSAL_LM by the model's head; a masked LM has no task type there
/// but names its class.
Json write_peft_config(const PeftConfig& config, const Model& model, const std::string& base_model_name);

}  // namespace luthier
