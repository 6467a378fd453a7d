# A bare Cortex-M4 with its FPU, by GCC's arm-none-eabi. Without exceptions, RTTI, guards of statics and unwind tables:
# the core needs none of them.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
# No start-up code of the library's own is linked, so that CMake cannot try a whole program.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_CXX_FLAGS_INIT
  "-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16 -fno-exceptions -fno-rtti -fno-threadsafe-statics \
-fno-unwind-tables -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections -Wno-psabi")
# Which is -Os.
set(CMAKE_BUILD_TYPE MinSizeRel CACHE STRING "")
