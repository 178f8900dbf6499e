#include "theme/style_sheet.h"

#include <QFile>
#include <QHash>
#include <QRegularExpression>

#include "theme/theme.h"

namespace luthier {

QString styleSheet(const Tokens& tokens) {
  const QHash<QString, QColor> colours = {
      {"chrome", tokens.chrome},
      {"page", tokens.page},
      {"surface", tokens.surface},
      {"fill", tokens.fill},
      {"fillStrong", tokens.fillStrong},
      {"line", tokens.line},
      {"lineStrong", tokens.lineStrong},
      {"textPrimary", tokens.textPrimary},
      {"textSecondary", tokens.textSecondary},
      {"textTertiary", tokens.textTertiary},
      {"textDisabled", tokens.textDisabled},
      {"accent", tokens.accent},
      {"accentHover", tokens.accentHover},
      {"accentText", tokens.accentText},
      {"onAccent", tokens.onAccent},
      {"accentSoft", tokens.accentSoft},
      {"accentSoftLine", tokens.accentSoftLine},
      {"good", tokens.good},
      {"goodSoft", tokens.goodSoft},
      {"warning", tokens.warning},
      {"warningLine", tokens.warningLine},
      {"warningSoft", tokens.warningSoft},
      {"error", tokens.error},
      {"errorSoft", tokens.errorSoft},
      {"gridLine", tokens.gridLine},
      {"tooltip", tokens.tooltip},
      {"tooltipText", tokens.tooltipText},
  };
  QFile file(":/luthier/style.qss");
  if (!file.open(QIODevice::ReadOnly)) return {};
  const QString source = QString::fromUtf8(file.readAll());
  static const QRegularExpression variable(R"(@([A-Za-z]+)|\$(\d+))");
  QString result;
  qsizetype from = 0;
  for (const QRegularExpressionMatch& match : variable.globalMatch(source)) {
    result += source.mid(from, match.capturedStart() - from);
    result += match.hasCaptured(2) ? QString::number(scaled(match.captured(2).toInt())) + "px"
                                   : colours.value(match.captured(1)).name();
    from = match.capturedEnd();
  }
  return result + source.mid(from);
}

}  // namespace luthier
