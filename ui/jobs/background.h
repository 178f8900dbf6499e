#pragma once
// Threads that work beside the window.

namespace luthier {

/// The calling thread, and threads that it starts, give way to the window's thread from now on: a frame must not wait
/// for work in the background. For threads that do nothing else.
void giveWayToWindow();

}  // namespace luthier
