#pragma once
// What a dropped file or folder is, before it is opened.
#include <filesystem>

namespace luthier {

/// The path that Workbench::openPath is to open: a project's folder, a recipe file, a data file, the only data file of
/// a folder (of several, the one called train), or a folder of images or recordings. Throws Error with the reason when
/// there is nothing to open: not found, a model's folder, a format that is not read. Reads the head of a file: not for
/// the window's thread.
std::filesystem::path openablePath(const std::filesystem::path& dropped);

}  // namespace luthier
