#include "support/testing.h"

namespace luthier::testing {

fs::path source_folder() { return LUTHIER_SOURCE_DIR; }
fs::path cli_path() { return fs::path(LUTHIER_BIN_DIR) / "luthier-cli"; }

}  // namespace luthier::testing
