@echo off
rem Prints how much each replica takes in the log directories of brokers.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-log-dirs.js" %*
exit /b %errorlevel%
