#pragma once
// The application's style sheet, made of resources/style.qss: "@name" is a token's colour, "$12" twelve pixels of the
// design in the chosen text size.
#include <QString>

namespace luthier {

struct Tokens;
QString styleSheet(const Tokens& tokens);

}  // namespace luthier
