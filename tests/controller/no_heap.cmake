# Fails when LIBRARY leaves a symbol of the heap, of exceptions or of RTTI undefined.
execute_process(COMMAND ${NM} -u ${LIBRARY} OUTPUT_VARIABLE symbols RESULT_VARIABLE failed)
if(failed)
  message(FATAL_ERROR "${NM} -u ${LIBRARY} failed")
endif()
string(REGEX MATCHALL
  "(_Zn[wa][A-Za-z0-9_]*|_Zd[la][A-Za-z0-9_]*|malloc|calloc|realloc|free|__cxa_[a-z_]+|_ZTI[A-Za-z0-9_]*|_ZSt[0-9]+__throw[A-Za-z0-9_]*)\n"
  found "${symbols}\n")
if(found)
  message(FATAL_ERROR "${LIBRARY} needs: ${found}")
endif()
