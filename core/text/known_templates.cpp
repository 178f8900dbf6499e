#include "text/known_templates.h"

#include <map>

#include "base/error.h"
#include "base/options.h"

namespace luthier {

namespace {

/// What a known template needs of the tokenizer, as Jinja expressions: "" or "{{ bos_token }}".
struct Ends {
  std::string begin;  ///< of a text
  std::string
      turn_end;  ///< behind what the assistant says: the format's mark where it is a token, else the tokenizer's
};

/// Whether the tokenizer puts its first token before a text by itself.
bool begins_with_bos(const Tokenizer& tokenizer) {
  const Encoding around = tokenizer.encode("a", true);
  return tokenizer.bos_id() && !around.ids.empty() && around.special.front() &&
         around.ids.front() == *tokenizer.bos_id();
}

Ends ends_of(const Tokenizer& tokenizer, const std::string& own_mark) {
  const bool own = !own_mark.empty() && (tokenizer.id_of(own_mark) || !tokenizer.eos_id());
  return {begins_with_bos(tokenizer) ? "{{ bos_token }}" : "", own                  ? "{{ '" + own_mark + "' }}"
                                                               : tokenizer.eos_id() ? "{{ eos_token }}"
                                                                                    : ""};
}

// {{ content }} of every source is trimmed of nothing: what the data says is what the model learns.

std::string chatml(const Ends& ends) {
  return ends.begin +
         "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' }}"
         "{% if message.role == 'assistant' %}{% generation %}{{ message.content }}" +
         ends.turn_end +
         "{% endgeneration %}{% else %}{{ message.content }}{{ '<|im_end|>' }}{% endif %}{{ '\\n' }}{% endfor %}"
         "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
}

std::string llama3(const Ends& ends) {
  return ends.begin +
         "{% for message in messages %}"
         "{{ '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' }}"
         "{% if message.role == 'assistant' %}{% generation %}{{ message.content }}" +
         ends.turn_end +
         "{% endgeneration %}{% else %}{{ message.content }}{{ '<|eot_id|>' }}{% endif %}{% endfor %}"
         "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}";
}

/// The format of Stanford's Alpaca, further turns under the same headings.
std::string alpaca(const Ends& ends) {
  return ends.begin +
         "{% set told = namespace(system=false) %}{% for message in messages %}"
         "{% if message.role == 'system' %}{{ message.content + '\\n\\n' }}{% set told.system = true %}"
         "{% elif message.role == 'assistant' %}{{ '### Response:\\n' }}{% generation %}{{ message.content }}" +
         ends.turn_end +
         "{% endgeneration %}{{ '\\n\\n' }}{% else %}{% if not told.system %}{% set told.system = true %}"
         "{{ 'Below is an instruction that describes a task' }}"
         "{% if message.input %}{{ ', paired with an input that provides further context' }}{% endif %}"
         "{{ '. Write a response that appropriately completes the request.\\n\\n' }}{% endif %}"
         "{% if message.input %}{{ '### Instruction:\\n' + message.instruction + '\\n\\n### Input:\\n' + message.input "
         "+ '\\n\\n' }}{% else %}{{ '### Instruction:\\n' + message.content + '\\n\\n' }}{% endif %}{% endif %}"
         "{% endfor %}{% if add_generation_prompt %}{{ '### Response:\\n' }}{% endif %}";
}

std::string plain(const Ends& ends) {
  return ends.begin +
         "{% for message in messages %}"
         "{% if message.role == 'assistant' %}{{ 'Assistant: ' }}{% generation %}{{ message.content }}" +
         ends.turn_end +
         "{% endgeneration %}{% elif message.role == 'system' %}{{ message.content }}"
         "{% else %}{{ 'User: ' + message.content }}{% endif %}{{ '\\n\\n' }}{% endfor %}"
         "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}";
}

struct Known {
  const char* name;
  std::string (*source)(const Ends& ends);
  const char* mark;  ///< that ends a turn
};
constexpr Known kKnown[] = {
    {"chatml", chatml, "<|im_end|>"}, {"llama3", llama3, "<|eot_id|>"}, {"alpaca", alpaca, ""}, {"plain", plain, ""}};

}  // namespace

std::string chat_template_source(const std::string& choice, const Tokenizer& tokenizer) {
  if (choice == "auto" && !tokenizer.chat_template().empty()) return tokenizer.chat_template();
  const std::string wanted = choice == "auto" ? "chatml" : choice;
  for (const Known& known : kKnown)
    if (wanted == known.name) return known.source(ends_of(tokenizer, known.mark));
  fail(ErrorKind::bad_input, "there is no chat template \"" + choice + "\"", "objective.chat_template",
       "use auto, chatml, llama3, alpaca or plain");
}

ChatTemplate chat_template_of(const Tokenizer& tokenizer, const std::string& choice) {
  std::map<std::string, std::string> special;
  for (const auto& [name, id] : {std::pair{"bos_token", tokenizer.bos_id()},
                                 {"eos_token", tokenizer.eos_id()},
                                 {"unk_token", tokenizer.unknown_id()},
                                 {"pad_token", tokenizer.pad_id()}})
    if (id) special[name] = tokenizer.token_of(*id);
  return {chat_template_source(choice, tokenizer), std::move(special), "chat template"};
}

}  // namespace luthier
