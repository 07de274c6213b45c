package pipeline

import (
	"strconv"

	"huikuan/config"
	"huikuan/dashboards"
)

// AlertThresholds are the thresholds of alert rules that a configuration sets:
// those under `alerts`, and the models' variables of the same meaning.
func AlertThresholds(cfg *config.Config) map[string]string {
	out := map[string]string{
		"dso_target":   strconv.Itoa(cfg.Alerts.DSOTarget),
		"overdue_rise": strconv.Itoa(cfg.Alerts.OverdueRise),
		"stale_hours":  strconv.Itoa(cfg.Alerts.StaleHours),
	}
	for _, t := range dashboards.AlertThresholds() {
		if value, ok := cfg.Models.Vars[t.Name].(string); ok && t.Model {
			out[t.Name] = value
		}
	}
	return out
}
