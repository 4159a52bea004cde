#include "store/Rows.h"

#include "store/ReadRows.h"

namespace gatehouse::store {

std::string_view word(Origin origin) noexcept { return origins[static_cast<std::size_t>(origin)]; }

} // namespace gatehouse::store
