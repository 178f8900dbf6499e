#include "cli/report.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace luthier {

int report(const Error& error, bool json) {
  if (json) {
    const Json told = {
        {"error",
         {{"kind", to_string(error.kind)}, {"message", error.message}, {"where", error.where}, {"hint", error.hint}}}};
    std::cout << told.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
  } else {
    std::cout.flush();
    std::cerr << "luthier-cli: " << error.text() << std::endl;
  }
  const bool wrong_input =
      error.kind == ErrorKind::bad_input || error.kind == ErrorKind::not_found || error.kind == ErrorKind::unsupported;
  return wrong_input ? 2 : 1;
}

}  // namespace luthier
