// SPDX-License-Identifier: Apache-2.0
#include "cli/failure.hpp"

#include <boost/system/system_error.hpp>

namespace nigh::cli {

Error to_error(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Failure& e) {
    return e.error();
  } catch (const boost::system::system_error& e) {
    return {Errc::system, e.code().message()};
  } catch (const std::exception& e) {
    return {Errc::system, e.what()};
  }
}

}  // namespace nigh::cli
