# Writes a source file that holds other files as constants: cmake -DOUT=x.cpp -DNAMES="a;b"
# -DFILES="/path/a;/path/b" -P embed.cmake. Each becomes an `Asset` of reports/assets.hpp.
string(REPLACE "|" ";" NAMES "${NAMES}")
string(REPLACE "|" ";" FILES "${FILES}")
set(text "#include \"reports/assets.hpp\"\n\nnamespace streamgauge::reports::assets {\n\n")
foreach(name file IN ZIP_LISTS NAMES FILES)
  file(READ "${file}" content)
  file(SHA256 "${file}" digest)
  string(FIND "${content}" ")sg_asset\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${file} holds the delimiter of its own constant")
  endif()
  string(APPEND text "extern const Asset ${name}{R\"sg_asset(" "${content}" ")sg_asset\",\n"
    "    \"${digest}\"};\n\n")
endforeach()
string(APPEND text "}  // namespace streamgauge::reports::assets\n")
file(WRITE "${OUT}" "${text}")
