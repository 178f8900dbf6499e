#pragma once

namespace luthier {

/// Tells assistive technology what the painted controls are: roles, values, and the choices of a SegmentedControl as
/// buttons of their own. The main window calls it; more calls do nothing.
void installControlAccess();

}  // namespace luthier
