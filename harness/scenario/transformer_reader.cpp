#include <fmt/core.h>

#include "harness/scenario/assuming_reader.h"
#include "harness/scenario/site_reader.h"

namespace hil::harness {

models::Site::SiteTransformer read_transformer_part(ElementReader& reader, const Assuming& assuming) {
  models::Site::SiteTransformer transformer;
  transformer.vector_group = "Dyn5";
  reader.number("rated_va", transformer.rated_va, positive);
  reader.number("primary_ll_v", transformer.primary_ll_v, {.lowest = 100.0, .highest = 60'000.0});
  reader.number("secondary_ll_v", transformer.secondary_ll_v, {.lowest = 100.0, .highest = 1700.0});
  reader.number("series_r_pu", transformer.series_r_pu, {.lowest = 0.0, .highest = 0.5});
  reader.number("series_x_pu", transformer.series_x_pu, {.lowest = 0.0, .highest = 0.5, .lowest_excluded = true});
  reader.one_of("vector_group", transformer.vector_group, {"Dyn1", "Dyn5", "Dyn11", "YNyn0"}, "vector groups",
                Need::optional);
  AssumingReader figures{reader, assuming.owner + ": ", "assumed", assuming.list};
  figures.note("vector_group", transformer.vector_group);
  figures.number("earthing_ohm", transformer.earthing_ohm, {.lowest = 0.0001, .highest = 1e6});
  return transformer;
}

models::Site::SiteTransformer read_transformer(const Element& element, SiteReading& reading) {
  const Attribute* given_name = element.attribute("name");
  const std::string owner = given_name == nullptr ? "transformer" : given_name->value;
  const Catalog::Use use = reading.catalog.use("transformer", "part", element, owner, reading.diagnostics);
  reading.assumed.insert(reading.assumed.end(), use.assumed.begin(), use.assumed.end());
  ElementReader reader{use.element, reading.diagnostics};
  std::string name;
  std::string from;
  std::string to;
  reader.name("name", name);
  const bool has_from = reader.name("from", from);
  if (reader.name("to", to) && has_from && from == to) {
    reader.fault_of("to", fmt::format("to is \"{}\", the same bus as from", to));
  }
  reader.forgive_missing();
  std::string part;
  reader.text("part", part);
  models::Site::SiteTransformer transformer = read_transformer_part(reader, {owner, &reading.assumed});
  reader.finish();
  transformer.name = name;
  transformer.from_bus = from;
  transformer.to_bus = to;
  return transformer;
}

}  // namespace hil::harness
