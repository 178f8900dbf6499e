#pragma once
// Chat templates for models that bring none, and which template a tokenizer's conversations are written with.
#include <string>

#include "text/chat_template.h"
#include "text/tokenizer.h"

namespace luthier {

/// The source of the template that `choice` names: auto (the tokenizer's own, else chatml), chatml, llama3, alpaca or
/// plain. Known ones begin as the tokenizer begins a text, mark what the assistant says, and end each of its turns with
/// a token that ends a text: the format's own where the tokenizer has it, else the tokenizer's. bad_input for another
/// name.
std::string chat_template_source(const std::string& choice, const Tokenizer& tokenizer);

/// The same, ready to write conversations. bad_input where the tokenizer's own does not parse.
ChatTemplate chat_template_of(const Tokenizer& tokenizer, const std::string& choice = "auto");

}  // namespace luthier
