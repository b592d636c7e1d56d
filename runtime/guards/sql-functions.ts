import type { Effect } from '../contract/principal.ts'

interface Denied {
  /** Why, as it ends the sentence "pg_sleep is not allowed here: it …". */
  readonly because: string
  readonly names: RegExp
  /** Also refused in tools of effect write and destroy. */
  readonly always: boolean
}

// A read-only session stops none of these, or only some: they act outside the transaction, on the server, on files, on other
// sessions or other databases, or run SQL handed over as text, which no parser has seen.
const denied: readonly Denied[] = [
  { always: true, because: 'acts on other sessions', names: /^pg_(terminate_backend|cancel_backend|log_backend_memory_contexts|get_process_memory_contexts)$/ },
  {
    always: true,
    because: 'holds a connection without doing work',
    names: /^pg_sleep(_for|_until)?$|^pg_wal_replay_wait(_status)?$|^pg_isolation_test_session_is_blocked$/,
  },
  {
    always: true,
    because: 'reads or writes files of the server',
    names:
      /^pg_(read_(binary_)?file(_\w+)?|stat_file(_\w+)?|ls_\w+|file_(read|write|rename|unlink|sync|length)|logfile_rotate|logdir_ls|current_logfile|hba_file_rules|ident_file_mappings|show_all_file_settings)$|^lo_(import|export)$/,
  },
  {
    always: true,
    because: 'administers the server',
    names:
      /^pg_(reload_conf|rotate_logfile(_\w+)?|promote|log_standby_snapshot|switch_(wal|xlog)|create_restore_point|(start|stop)_backup|backup_(start|stop)|(wal|xlog)_replay_(pause|resume)|import_system_collations|extension_config_dump|nextoid|stop_making_pinned_objects)$|^binary_upgrade_\w+$/,
  },
  {
    always: true,
    because: 'acts on replication',
    names:
      /^pg_(logical_\w+|replication_(origin|slot)_\w+|(create|drop|copy)_(physical_|logical_)?replication_slot|create_(physical|logical)_replication_slot|copy_(physical|logical)_replication_slot|sync_replication_slots|show_replication_origin_status)$/,
  },
  {
    always: true,
    because: 'changes statistics of the server',
    names:
      /^pg_stat_(reset\w*|force_next_flush|clear_snapshot)$|^pg_(stat_statements|stat_kcache|qualstats|wait_sampling)_reset\w*$|^pg_(restore|clear)_(relation|attribute)_stats$|^pg_prewarm$|^autoprewarm_\w+$/,
  },
  {
    always: true,
    because: 'speaks to other servers',
    names:
      /^dblink(_\w+)?$|^postgres_fdw_\w+$|^http(_(get|post|put|patch|delete|head|set_curlopt\w*|reset_curlopt))?$|^aws_(s3|lambda)?_?(invoke|query_export_to_s3|table_import_from_s3)$|^(query_export_to_s3|table_import_from_s3)$/,
  },
  {
    always: true,
    because: 'runs SQL handed over as text',
    names:
      /^(query|cursor|table|schema|database)_to_xml\w*$|^ts_(stat|rewrite)$|^crosstab(\d+|_hash|n)?$|^(normal_rand_)?connectby$|^xpath_table$|^pg_background_\w+$|^pg_(execute_server_program|ddl_command\w*)$|^(plperl|plperlu|plpython3?u?|pltclu?|plpgsql)_(call|inline)_handler$/,
  },
  {
    always: true,
    because: 'changes settings of a connection that other calls share',
    names: /^set_config$|^setseed$|^set_(limit|curcfg|curdict|curprs)$|^pg_export_snapshot$/,
  },
  { always: true, because: 'takes a lock that outlives the call', names: /^pg_(try_)?advisory_(xact_)?(un)?lock(_shared|_all)?$/ },
  { always: false, because: 'moves a sequence', names: /^(nextval|setval)$/ },
  {
    always: false,
    because: 'writes large objects',
    names: /^lo(_(create|creat|from_bytea|put|unlink|open|close|truncate(64)?|lseek(64)?|tell(64)?|get|manage)|read|write)$|^be_lo_\w+$/,
  },
  { always: false, because: 'tells other sessions', names: /^pg_notify$/ },
  { always: false, because: 'takes a transaction number', names: /^(txid_current|pg_current_xact_id)$/ },
  {
    always: false,
    because: 'changes indexes or visibility',
    names:
      /^(brin_(de)?summarize_(range|new_values)|gin_clean_pending_list|pg_truncate_visibility_map|heap_force_(kill|freeze)|bt_index_(parent_)?check|pg_repack\w*|lowrite)$/,
  },
  {
    always: false,
    because: 'changes a hypertable, its chunks or its jobs',
    names:
      /^(create_(distributed_)?hypertable|add_(dimension|data_node|job|\w+_policy|policies)|remove_\w+_policy|(remove|remove_all|alter|show)_policies|drop_chunks|(compress|decompress|recompress|reorder|move|merge|split|detach|attach|freeze|unfreeze|drop|create|copy|cleanup_copy)_chunks?(_\w+)?|convert_to_(columnstore|rowstore)|rebuild_columnstore|(alter|delete|run)_job|refresh_continuous_aggregate|cagg_migrate\w*|set_(chunk_time_interval|partitioning_interval|number_partitions|integer_now_func|adaptive_chunking|replication_factor)|(attach|detach)_tablespaces?|tier_chunk|untier_chunk|timescaledb_(pre|post)_restore|enable_chunk_skipping|disable_chunk_skipping)$/,
  },
]

// Whole schemas that exist to act.
const deniedSchemas: ReadonlyMap<string, string> = new Map([
  ['cron', 'schedules jobs'],
  ['net', 'speaks to other servers'],
  ['aws_s3', 'speaks to other servers'],
  ['aws_lambda', 'speaks to other servers'],
  ['_timescaledb_functions', 'is TimescaleDB’s own'],
  ['_timescaledb_internal', 'is TimescaleDB’s own'],
])

/** Why a function may not be called in a statement of this effect, if it may not. `name` is as PostgreSQL resolves it, its schema first when there is one. */
export function deniedFunction(name: readonly string[], effect: Effect): string | undefined {
  const schema = name.length > 1 ? deniedSchemas.get(name.at(-2) as string) : undefined
  if (schema !== undefined) return schema
  const last = name.at(-1) as string
  return denied.find((entry) => (entry.always || effect === 'read') && entry.names.test(last))?.because
}
