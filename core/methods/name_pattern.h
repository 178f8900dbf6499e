#pragma once
// How adapters name modules: by endings of dotted names, or by regular expressions.
#include <functional>
#include <string>
#include <vector>

namespace luthier {

using NameTest = std::function<bool(const std::string& name)>;

/// True for names that the whole expression matches (Python's re.fullmatch; ECMAScript's syntax, which agrees in all
/// but rare constructs). Matching takes time linear in the name. bad_input, naming `where`, for expressions that cannot
/// be read or are too large.
NameTest full_match(const std::string& expression, const std::string& where);

/// True for `ending` itself and for names that end in ".ending", for any of the endings.
bool ends_in_any(const std::string& name, const std::vector<std::string>& endings);

/// True when `module` or a module inside it is named by one of `parts`: "head" is in "head", "model.head" and
/// "model.head.dense".
bool lies_in_any(const std::string& name, const std::vector<std::string>& parts);

}  // namespace luthier
