#include "document/fix_changes.h"

#include <QCoreApplication>

#include "document/document.h"

namespace luthier {

namespace {
QString shortValue(const Json& value) {
  if (value.is_null()) return "–";
  return QString::fromStdString(value.is_string() ? value.get<std::string>() : value.dump());
}
}  // namespace

QString applyFix(Document& document, const QStringList& assignments, const QString& what) {
  QStringList paths;
  for (const QString& assignment : assignments) paths << assignment.section('=', 0, 0);
  QList<Json> before;
  for (const QString& path : std::as_const(paths)) before << document.value(path);
  document.apply(assignments, what);
  QStringList changes;
  for (qsizetype i = 0; i < paths.size(); ++i) {
    const QString name = paths[i].section('.', -1).replace('_', ' ');
    changes << QCoreApplication::translate("luthier::PreflightPage", "%1: %2 → %3")
                   .arg(name, shortValue(before[i]), shortValue(document.value(paths[i])));
  }
  return changes.join(", ");
}

}  // namespace luthier
