package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"

	"huikuan/config"
)

// Job is a scheduled piece of work and when it comes next.
type Job struct {
	Name, Schedule string
	Next           time.Time
}

// Run syncs and builds on the schedules of the configuration until ctx ends.
// Jobs never overlap: a sync waits for a build and the other way round, and a
// job that is still under way when its time comes again is not started twice.
func (a *App) Run(ctx context.Context, started func([]Job), report func(string, error)) error {
	sched, err := gocron.NewScheduler(gocron.WithLocation(time.UTC), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	if err != nil {
		return fmt.Errorf("prepare the schedule: %w", err)
	}
	var one sync.Mutex
	work := func(name string, f func(context.Context) error) gocron.Task {
		return gocron.NewTask(func() {
			one.Lock()
			defer one.Unlock()
			if ctx.Err() == nil {
				report(name, f(ctx))
			}
		})
	}
	schedules, err := a.schedules()
	if err != nil {
		return err
	}
	for _, s := range schedules {
		def := gocron.CronJob(s.schedule, false)
		opts := []gocron.JobOption{gocron.WithName(s.name), gocron.WithSingletonMode(gocron.LimitModeReschedule)}
		if _, err := sched.NewJob(def, work(s.name, s.do), opts...); err != nil {
			return fmt.Errorf("schedule %s as %q: %w", s.name, s.schedule, err)
		}
	}
	sched.Start()
	var jobs []Job
	for i, j := range sched.Jobs() {
		next, _ := j.NextRun()
		jobs = append(jobs, Job{Name: j.Name(), Schedule: schedules[i].schedule, Next: next})
	}
	started(jobs)
	<-ctx.Done()
	if err := sched.Shutdown(); err != nil && !errors.Is(err, gocron.ErrStopJobsTimedOut) {
		return fmt.Errorf("stop the schedule: %w", err)
	}
	return nil
}

type scheduled struct {
	name, schedule string
	do             func(context.Context) error
}

// schedules lists one job for each source that has a schedule, and one for the build, where it has
// its own time; otherwise the build follows every sync that brought something.
func (a *App) schedules() ([]scheduled, error) {
	chosen, err := a.chosen(nil)
	if err != nil {
		return nil, err
	}
	var out []scheduled
	for _, s := range chosen {
		when := a.scheduleOf(s)
		if when == "" {
			continue // by hand
		}
		out = append(out, scheduled{"sync " + s.Name, when, func(ctx context.Context) error {
			return a.scheduledSync(ctx, s.Name)
		}})
	}
	if a.cfg.Build.Schedule != "" {
		out = append(out, scheduled{"build", a.cfg.Build.Schedule, a.scheduledBuild})
	}
	return out, nil
}

// scheduleOf is when `huikuan run` syncs a source; empty = only by hand.
func (a *App) scheduleOf(s config.Source) string {
	if s.Schedule != "" {
		return s.Schedule
	}
	return a.cfg.Sync.Schedule
}

func (a *App) scheduledSync(ctx context.Context, source string) error {
	r, err := a.Sync(ctx, SyncOptions{Sources: []string{source}})
	if err = errors.Join(err, r.Err()); err != nil {
		return err
	}
	for _, st := range r.Streams {
		if st.Notice != "" {
			a.log.Warn(st.Notice, "source", source, "stream", st.Stream)
		}
	}
	a.log.Info("synced", "source", source, "rows", r.Rows(), "deleted", r.Deleted(), "rejected", r.Rejected(), "took", r.Took.String())
	if a.cfg.Build.Schedule == "" && r.Rows()+r.Deleted() > 0 {
		return a.scheduledBuild(ctx)
	}
	return nil
}

func (a *App) scheduledBuild(ctx context.Context) error {
	r, err := a.Build(ctx, BuildOptions{})
	if err != nil {
		return err
	}
	a.log.Info("built", "as_of", r.AsOf.Format(time.DateOnly), "events", r.Metrics.Events, "failed_checks", len(r.FailedChecks()), "took", r.Took.String())
	return nil
}
