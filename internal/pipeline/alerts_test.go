package pipeline

import (
	"fmt"
	"testing"

	"huikuan/config"
	"huikuan/dashboards"
)

// Alerts compare with what the configuration says, of models too.
func TestAlertThresholdsComeFromTheConfiguration(t *testing.T) {
	cfg := &config.Config{Alerts: config.Alerts{DSOTarget: 45, OverdueRise: 3, StaleHours: 8},
		Models: config.Models{Vars: map[string]any{"warning_concentration": "0.2", "limit_warning": "0.8", "concentration_top": []string{"1"}}}}
	got := AlertThresholds(cfg)
	if got["dso_target"] != "45" || got["stale_hours"] != "8" || got["warning_concentration"] != "0.2" || len(got) != 4 {
		t.Errorf("got %v", got)
	}
	if _, err := dashboards.AlertRules(dashboards.Locales()[0], dashboards.AlertOptions{Thresholds: got}); err != nil {
		t.Error(err)
	}
	for _, threshold := range dashboards.AlertThresholds() {
		for _, k := range config.Keys() {
			if k.Name == "alerts."+threshold.Name && fmt.Sprint(k.Default) != threshold.Default {
				t.Errorf("%s is %v in the configuration and %s in the rules", k.Name, k.Default, threshold.Default)
			}
		}
	}
}
