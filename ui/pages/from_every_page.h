#pragma once

namespace luthier {

/// A property of actions of a page whose keys work on every page: they go to theirs first.
inline constexpr const char* kFromEveryPage = "fromEveryPage";

}  // namespace luthier
