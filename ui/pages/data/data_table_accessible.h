#pragma once

namespace luthier {

/// Makes the table of rows known to screen readers as a table whose value is the current row. Call once or more.
void installDataTableAccessibility();

}  // namespace luthier
