#include "base/version.h"

const char* const luthier::kVersion = LUTHIER_VERSION;
